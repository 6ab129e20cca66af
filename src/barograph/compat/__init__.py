"""Old names over what is ours, for code that was written for other tools: thin, without statistics of its own.

Importing one of these changes nothing else; only what a tool's users call most is here, and the rest names our way.
"""
