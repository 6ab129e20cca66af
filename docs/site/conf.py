"""Sphinx settings of the documentation; `python -m docs.site` builds it."""

from barograph import __version__

project = "Barograph"
author = "the Barograph authors"
copyright = author  # noqa: A001 - Sphinx's name for it
version = release = __version__

extensions = ["myst_parser"]
exclude_patterns = ["files/**"]
nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # Pygments knows no names of recording rules, which have colons
smartquotes = False  # `--flag` stays what it is
pygments_style = "friendly"

myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]

html_theme = "furo"
html_title = "Barograph"
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}
