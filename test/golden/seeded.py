"""The generator of test/reference/random.ts, so that scripts and tests make the same inputs."""

import math

MASK = 0xFFFFFFFF


class Random:
    """seeded() of test/reference/random.ts: mulberry32."""

    def __init__(self, seed):
        self.state = seed & MASK

    def unit(self):
        self.state = (self.state + 0x6D2B79F5) & MASK
        t = self.state
        t = ((t ^ (t >> 15)) * (t | 1)) & MASK
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & MASK)) & MASK
        return (t ^ (t >> 14)) / 2**32

    def below(self, end):
        return math.floor(self.unit() * end)
