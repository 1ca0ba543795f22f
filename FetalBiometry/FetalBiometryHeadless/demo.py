"""Fetal Biometry's part of the demo: heads, an examination, and real pictures that no model was trained or tuned on."""

from __future__ import annotations

from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoSection
from deepmed_headless.cli.demo.samples import found_below, generated
from FetalBiometryHeadless.command import COMMAND
from FetalBiometryHeadless.evaluate._looks import hc18_heads, other_planes
from FetalBiometryLib.phantom.files import write_heads, write_study

HEAD, OTHER = ("HC", "BPD", "OFD"), ("HC", "AC", "FL", "ThoraxCircumference")
HEADS = """
Ultrasound stills computed from a known skull ellipse, with speckle, shadows and drop-out. They show that the way from
picture to report works and what it returns; they say nothing about accuracy in patients.
"""
HC18 = """
Pictures of the HC18 data set (van den Heuvel 2018, CC BY 4.0) from the part that was used neither for training nor for
choosing the model nor for its uncertainty. Truth is one observer's ellipse; BPD and OFD are its axes. A few pictures
are a look, not a validation: see the model card.
"""
STUDY = """
Head, abdomen, femur and thorax of one phantom fetus with the median sizes of 28 weeks, as a DICOM study: planes are
recognized, the abdomen is measured twice, and all is combined to one age, one weight and growth charts with former
visits. Phantoms show that the way works; they say nothing about patients.
"""
SCREENS = """
Screens of one scanner with a clinician's calipers burned in (which may guide a model, too), and four-chamber views
without a pixel size. A few pictures are a look, not a validation: see the model card, which lists every real abdomen
and femur one by one.
"""

REAL_HEADS, REAL_PLANES = found_below("fetal", hc18_heads), found_below("fetal", other_planes)
SECTIONS = (
    DemoSection("Fetal head: generated phantoms", PHANTOM, HEADS, HEAD, generated(write_heads), short=2),
    DemoSection("Fetal head: real HC18 pictures", REAL, HC18, HEAD, REAL_HEADS, short=2),
    DemoSection("Fetal examination: a generated study", PHANTOM, STUDY, OTHER, generated(write_study)),
    DemoSection("Fetal abdomen, femur and thorax: real pictures", REAL, SCREENS, OTHER, REAL_PLANES, short=0),
)
DEMO = Demo(COMMAND, SECTIONS)
