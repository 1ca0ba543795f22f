"""Which landmarks a model finds, in which order, and what each one is.

A layout is data: a set with more points (29 with apices and molars, say) is another `Layout`, and the loader, the
networks and the tables follow its length and order.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Landmark:
    """One anatomic point of a lateral cephalogram.

    Attributes:
        symbol: the field's short name, e.g. "ANS".
        name: in full.
        definition: what the readers of the training films were asked to mark.
        bilateral: the structure is paired; the point is midway between its two projections.
    """

    symbol: str
    name: str
    definition: str
    bilateral: bool = False


@dataclass(frozen=True)
class Layout:
    """An ordered list of landmarks."""

    name: str
    landmarks: tuple[Landmark, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Short names, in order."""
        return tuple(landmark.symbol for landmark in self.landmarks)

    def index(self, symbol: str) -> int:
        """Position of a landmark.

        Raises:
            KeyError: the layout has no such landmark.
        """
        try:
            return self.symbols.index(symbol)
        except ValueError:
            raise KeyError(symbol) from None

    def __getitem__(self, symbol: str) -> Landmark:
        return self.landmarks[self.index(symbol)]

    def __contains__(self, symbol: object) -> bool:
        return symbol in self.symbols

    def __len__(self) -> int:
        return len(self.landmarks)


_MIDWAY = " Midway between the two sides where both are seen."

#: The 19 landmarks of the ISBI 2014 and 2015 challenges, in their order.
ISBI19 = Layout(
    "ISBI 19",
    (
        Landmark("S", "Sella", "Center of the pituitary fossa."),
        Landmark("N", "Nasion", "Most anterior point of the frontonasal suture."),
        Landmark("Or", "Orbitale", "Lowest point of the infraorbital margin." + _MIDWAY, True),
        Landmark(
            "Po",
            "Porion",
            "Highest point of the external auditory meatus, or of the ear rod where the meatus is hidden." + _MIDWAY,
            True,
        ),
        Landmark(
            "A",
            "Point A (subspinale)",
            "Deepest point of the bony curve between the anterior nasal spine and the upper incisor crest.",
        ),
        Landmark(
            "B",
            "Point B (supramentale)",
            "Deepest point of the bony curve between the lower incisor crest and the chin.",
        ),
        Landmark("Pog", "Pogonion", "Most anterior point of the bony chin."),
        Landmark("Me", "Menton", "Lowest point of the mandibular symphysis."),
        Landmark("Gn", "Gnathion", "Most anterior and inferior point of the symphysis, between pogonion and menton."),
        Landmark(
            "Go",
            "Gonion",
            "Middle of the curve of the mandibular angle, on the bisector of its two tangents." + _MIDWAY,
            True,
        ),
        Landmark("LI", "Lower incisor tip", "Incisal edge of the most anterior lower incisor."),
        Landmark("UI", "Upper incisor tip", "Incisal edge of the most anterior upper incisor."),
        Landmark("UL", "Upper lip", "Most anterior point of the upper lip."),
        Landmark("LL", "Lower lip", "Most anterior point of the lower lip."),
        Landmark("Sn", "Subnasale", "Where the base of the nose meets the upper lip in the midline."),
        Landmark("sPog", "Soft tissue pogonion", "Most anterior point of the soft chin."),
        Landmark("PNS", "Posterior nasal spine", "Tip of the posterior nasal spine of the palatine bone."),
        Landmark("ANS", "Anterior nasal spine", "Tip of the anterior nasal spine."),
        Landmark(
            "Ar",
            "Articulare",
            "Where the posterior border of the ramus crosses the lower border of the cranial base." + _MIDWAY,
            True,
        ),
    ),
)

LAYOUTS = {ISBI19.name: ISBI19}
