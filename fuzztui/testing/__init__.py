"""pytest runs a project's fuzz targets: their seeds and stored inputs, as ordinary tests.

`plugin` is what pytest loads in every project where fuzztui is installed, so it imports nothing else of ours before a
file with targets has been found.
"""
