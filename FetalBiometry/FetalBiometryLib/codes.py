"""Coded concepts of obstetric ultrasound reports (LOINC and DICOM PS3.16), and the report section each belongs to."""

from __future__ import annotations

from DeepMedLib.dicom.template1500 import SCHEME as PRIVATE_SCHEME
from DeepMedLib.measurement import Code


def _loinc(value: str, meaning: str) -> Code:
    return Code(value, "LN", meaning)


def _dicom(value: str, meaning: str) -> Code:
    return Code(value, "DCM", meaning)


#: By the name used in results. Heart circumference, heart area and cardiac axis have no code in CID 12005; a code value
#: has 16 characters at most (DICOM's SH).
MEASURES: dict[str, Code] = {
    "BPD": _loinc("11820-8", "Biparietal Diameter"),
    "OFD": _loinc("11851-3", "Occipital-Frontal Diameter"),
    "HC": _loinc("11984-2", "Head Circumference"),
    "AC": _loinc("11979-2", "Abdominal Circumference"),
    "APAD": _loinc("11818-2", "Anterior-Posterior Abdominal Diameter"),
    "TAD": _loinc("11862-0", "Transverse Abdominal Diameter"),
    "FL": _loinc("11963-6", "Femur Length"),
    "HL": _loinc("11966-9", "Humerus length"),
    "TL": _loinc("11968-5", "Tibia length"),
    "FibL": _loinc("11964-4", "Fibula length"),
    "RL": _loinc("11967-7", "Radius length"),
    "UL": _loinc("11969-3", "Ulna length"),
    "CRL": _loinc("11957-8", "Crown Rump Length"),
    "ThoraxCircumference": _loinc("11988-3", "Thoracic Circumference"),
    "ThoraxArea": _loinc("33068-8", "Thoracic Area"),
    "ThoraxDiameter": _loinc("11864-6", "Transverse Thoracic Diameter"),
    "CI": _loinc("11823-2", "Cephalic Index"),
    "HC/AC": _loinc("11947-9", "HC/AC"),
    "FL/AC": _loinc("11871-1", "FL/AC"),
    "FL/BPD": _loinc("11872-9", "FL/BPD"),
    "FL/HC": _loinc("11873-7", "FL/HC"),
    "EFW": _loinc("11727-5", "Estimated Weight"),
    "GA": _loinc("18185-9", "Gestational Age"),
    "CompositeAge": _loinc("11888-5", "Composite Ultrasound Age"),
    "HeartCircumference": Code("HeartCirc", PRIVATE_SCHEME, "Fetal heart circumference"),
    "HeartArea": Code("HeartArea", PRIVATE_SCHEME, "Fetal heart area"),
    "CardiacAxis": Code("CardiacAxis", PRIVATE_SCHEME, "Fetal cardiac axis"),
    "CTR": Code("CTR", PRIVATE_SCHEME, "Cardiothoracic ratio"),
    "HeadThoraxRatio": Code("HeadThoraxRatio", PRIVATE_SCHEME, "Ratio of head to thoracic circumference"),
}

# Growth (CID 12017) and the due date.
GROWTH_PERCENTILE = _dicom("125012", "Growth Percentile Rank")
GROWTH_Z_SCORE = _dicom("125013", "Growth Z-score")
WEIGHT_PERCENTILE = _loinc("11767-1", "EFW percentile rank")
DUE_DATE = _loinc("11778-8", "EDD")
LAST_PERIOD = _loinc("8665-2", "LMP")

# Equations (CID 12013, 12014, 12015).
AGE_BPD_HADLOCK_1984 = _loinc("11902-4", "BPD, Hadlock 1984")
AGE_HC_HADLOCK_1984 = _loinc("11932-1", "HC, Hadlock 1984")
AGE_AC_HADLOCK_1984 = _loinc("11892-7", "AC, Hadlock 1984")
AGE_FL_HADLOCK_1984 = _loinc("11920-6", "FL, Hadlock 1984")
AGE_CRL_ROBINSON_1975 = _loinc("11914-9", "CRL, Robinson 1975")
AGE_CRL_HADLOCK_1992 = _loinc("11910-7", "CRL, Hadlock 1992")
WEIGHT_BPD_HC_AC_FL = _loinc("11732-5", "EFW by AC, BPD, FL, HC, Hadlock 1985")
WEIGHT_BPD_AC_FL = _loinc("11735-8", "EFW by AC, BPD, FL, Hadlock 1985")
WEIGHT_HC_AC_FL = _loinc("11746-5", "EFW by AC, FL, HC, Hadlock 1985")
WEIGHT_AC_FL = _loinc("11751-5", "EFW by AC, FL, Hadlock 1985")
WEIGHT_BY_AGE_HADLOCK_1991 = _loinc("33162-9", "EFW by GA, Hadlock 1991")

# Containers of TID 5000 and the templates below it.
REPORT = _dicom("125000", "OB-GYN Ultrasound Procedure Report")
SUMMARY = _dicom("121111", "Summary")
FETUS_SUMMARY = _dicom("125008", "Fetus Summary")
RATIOS = _dicom("125001", "Fetal Biometry Ratios")
BIOMETRY = _dicom("125002", "Fetal Biometry")
LONG_BONES = _dicom("125003", "Fetal Long Bones")
CRANIUM = _dicom("125004", "Fetal Cranium")
GROUP = _dicom("125005", "Biometry Group")
SECTIONS = (FETUS_SUMMARY, RATIOS, BIOMETRY, LONG_BONES, CRANIUM)

# What surrounds the numbers.
SUBJECT_CLASS = _dicom("121024", "Subject Class")
FETUS = _dicom("121026", "Fetus")
OBSERVER_TYPE = _dicom("121005", "Observer Type")
DEVICE = _dicom("121007", "Device")
DEVICE_UID = _dicom("121012", "Device Observer UID")
DEVICE_NAME = _dicom("121013", "Device Observer Name")
LANGUAGE = _dicom("121049", "Language of Content Item and Descendants")
ENGLISH = Code("en", "RFC5646", "English")
COMMENT = _dicom("121106", "Comment")
SOURCE_OF_MEASUREMENT = _dicom("121112", "Source of Measurement")
EQUATION = _dicom("121420", "Equation")
EQUATION_CITATION = _dicom("121421", "Equation Citation")
TABLE_CITATION = _dicom("121422", "Table of Values Citation")
METHOD_CITATION = _dicom("121423", "Method Citation")
STANDARD_DEVIATION = Code("386136009", "SCT", "Standard Deviation")
DERIVATION = _dicom("121401", "Derivation")
MEAN = Code("373098007", "SCT", "Mean")
SUBJECT_ID = _dicom("121030", "Subject ID")

#: Unit as written in results -> UCUM. Ages are in days wherever they stand, as in the templates.
UNITS: dict[str, Code] = {
    "mm": Code("mm", "UCUM", "mm"),
    "mm2": Code("mm2", "UCUM", "square millimeter"),
    "px": Code("{pixels}", "UCUM", "pixels"),
    "px2": Code("{pixels}2", "UCUM", "square pixels"),
    "%": Code("%", "UCUM", "Percent"),
    "days": Code("d", "UCUM", "day"),
    "g": Code("g", "UCUM", "gram"),
    "deg": Code("deg", "UCUM", "Degree"),
    "": Code("1", "UCUM", "no units"),
}

_RATIO_NAMES = ("CI", "HC/AC", "FL/AC", "FL/BPD", "FL/HC", "CTR", "HeadThoraxRatio")
_LONG_BONES = ("HL", "TL", "FibL", "RL", "UL")  # the femur is in Fetal Biometry too (CID 12005)
_SUMMARY_NAMES = ("EFW", "GA", "CompositeAge")


def code_of(name: str) -> Code:
    """The code of a measure; a private one for a name without a standard code."""
    return MEASURES.get(name) or Code(name[:16], PRIVATE_SCHEME, name[:64])


def name_of(code: Code) -> str:
    """The short name of a coded measure; its meaning when it has none."""
    for name, known in MEASURES.items():
        if (known.value, known.scheme) == (code.value, code.scheme):
            return name
    return code.meaning


def section_of(name: str) -> Code:
    """The report section that holds a measure (DICOM context groups 12004, 12005 and 12019)."""
    if name in _SUMMARY_NAMES:
        return FETUS_SUMMARY
    if name in _LONG_BONES:
        return LONG_BONES
    return RATIOS if name in _RATIO_NAMES else BIOMETRY


def unit_of(ucum: str) -> str:
    """The unit as written in results.

    Raises:
        ValueError: a unit that these reports do not use.
    """
    for unit, code in UNITS.items():
        if code.value == ucum:
            return unit
    raise ValueError(f"Unknown unit {ucum!r}.")
