"""Print and fill: the user's own workbook or text document as the paper of a form.

What opens a template runs in a caged child (`worker`); what may be printed is decided outside of
it (`values`), so that a template never sees more than the person who prints.
"""
