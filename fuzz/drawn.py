"""Inputs drawn at random: payloads of the corpus, changed a few times over."""

from __future__ import annotations

import random
from collections.abc import Iterator

from fuzz.targets import Target

_KEPT = 512


def inputs(target: Target, seed: int) -> Iterator[bytes]:
    """Endless inputs for a target; equal seeds give equal inputs."""
    dice = random.Random(f"{seed} {target.name}")
    corpus = target.corpus
    mutate = target.mutator
    recent: list[bytes] = []
    while True:
        source = recent if recent and dice.random() < 0.25 else corpus
        data = mutate(dice.choice(source), dice)
        yield data
        if dice.random() < 0.05:
            recent.append(data)
            if len(recent) > _KEPT:
                recent.pop(dice.randrange(_KEPT))
