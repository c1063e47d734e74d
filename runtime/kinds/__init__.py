"""Everything one may add to, one file each. A kind never imports another kind.

To add a field type: a file in `fields/`, a line in its tuple, a template
`screens/templates/fields/<kind>.html`,
a row of tests. Its options schema appears in the checks and the reference by itself.
"""
