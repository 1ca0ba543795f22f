"""The labels of TotalSegmentator's task "total", version 2 (Wasserthal et al., Radiology: AI 2023), by their values."""

from __future__ import annotations


def _sides(*names: str, order: str = "left right") -> list[str]:
    return [f"{name}_{side}" for name in names for side in order.split()]


_NAMES = [
    "spleen",
    *_sides("kidney", order="right left"),
    *("gallbladder", "liver", "stomach", "pancreas"),
    *_sides("adrenal_gland", order="right left"),
    *("lung_upper_lobe_left", "lung_lower_lobe_left"),
    *("lung_upper_lobe_right", "lung_middle_lobe_right", "lung_lower_lobe_right"),
    *("esophagus", "trachea", "thyroid_gland", "small_bowel", "duodenum", "colon", "urinary_bladder", "prostate"),
    *_sides("kidney_cyst"),
    *("sacrum", "vertebrae_S1"),
    *(f"vertebrae_{part}{n}" for part, count in (("L", 5), ("T", 12), ("C", 7)) for n in range(count, 0, -1)),
    *("heart", "aorta", "pulmonary_vein", "brachiocephalic_trunk"),
    *_sides("subclavian_artery", "common_carotid_artery", order="right left"),
    *_sides("brachiocephalic_vein"),
    *("atrial_appendage_left", "superior_vena_cava", "inferior_vena_cava", "portal_vein_and_splenic_vein"),
    *_sides("iliac_artery", "iliac_vena", "humerus", "scapula", "clavicula", "femur", "hip"),
    "spinal_cord",
    *_sides("gluteus_maximus", "gluteus_medius", "gluteus_minimus", "autochthon", "iliopsoas"),
    *("brain", "skull"),
    *(f"rib_{side}_{n}" for side in ("left", "right") for n in range(1, 13)),
    *("sternum", "costal_cartilages"),
]
LABELS = dict(enumerate(_NAMES, start=1))
"""Value -> name as TotalSegmentator writes it; 1 to 117."""
