"""Lines in a plain SVG, from numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 250, 40, 60
COLORS = "#0b6e4f", "#1f77b4", "#d97706", "#9333ea", "#6b7280", "#be123c", "#0891b2"


def lines(title: str, places: Sequence[str], series: Mapping[str, Sequence[float]], mark: float | None = None) -> str:
    """Shares from 0 to 1 of several series, on a scale of roots that keeps small ones apart; `mark` is a target."""
    across = (WIDTH - LEFT - RIGHT) / max(1, len(places) - 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-family="sans-serif" font-size="14">{escape(title)}</text>',
    ]
    for share in (0.0, 0.01, 0.05, 0.25, 0.5, 1.0):
        y = _height(share)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    if mark is not None:
        y = _height(mark)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#111" stroke-dasharray="4 3"/>'
        )
    for i, place in enumerate(places):
        x = LEFT + i * across
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{escape(place)}</text>')
    for i, (name, shares) in enumerate(series.items()):
        color = COLORS[i % len(COLORS)]
        points = " ".join(f"{LEFT + j * across:.1f},{_height(share):.1f}" for j, share in enumerate(shares))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
        y = TOP + 16 * i + 6
        parts.append(f'<rect x="{WIDTH - RIGHT + 16}" y="{y - 8}" width="10" height="10" fill="{color}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 32}" y="{y + 1}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _height(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * float(share) ** 0.5
