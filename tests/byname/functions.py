"""Functions of the standard library and of installed packages, by name, and what each takes."""

from typing import Final, NamedTuple


class Named(NamedTuple):
    """A function as somebody types it."""

    spec: str
    parameters: tuple[str, ...]
    """Names of the types that it is given, as annotations have them; empty for one that is not annotated."""
    all_parameters: bool = False


FIRST: Final = (
    Named("tomllib:loads", ("str",)),
    Named("packaging.version:Version", ("str",)),
    Named("packaging.version:parse", ("str",)),
    Named("packaging.utils:is_normalized_name", ("str",)),
    Named("packaging.utils:canonicalize_name", ("str", "bool"), all_parameters=True),
    Named("mdurl:parse", ("URL | str",)),
    Named("idna:encode", ("str | bytes | bytearray",)),
    Named("markdown_it:MarkdownIt.render", ("str",)),
    Named("click.formatting:wrap_text", ("str",)),
    Named("textual.color:Color.parse", ("str | Color",)),
    Named("rich.color:Color.from_rgb", ("float", "float", "float")),
)
"""Those that the mechanism was made with."""

ASIDE: Final = (
    Named("importlib.metadata:Prepared.normalize", ()),
    Named("packaging.requirements:Requirement", ("str",)),
    Named("packaging.utils:parse_wheel_filename", ("str",)),
    Named("packaging.tags:parse_tag", ("str",)),
    Named("packaging.markers:Marker.evaluate", ("str",)),
    Named("mdurl:decode", ("str",)),
    Named("markdown_it.common.utils:escapeHtml", ("str",)),
    Named("linkify_it:LinkifyIt.test", ()),
    Named("tomlkit:parse", ()),
    Named("textual.geometry:clamp", ("int | float", "int | float", "int | float")),
    Named("textual.geometry:Region.translate", ("tuple[int, int]",)),
    Named("rich.cells:cell_len", ("str",)),
    Named("coverage.misc:plural", ("int",)),
    Named("click.utils:get_app_dir", ("str",)),
    Named("hypothesis.internal.floats:sign_aware_lte", ("float | int", "float | int")),
    Named("jinja2.filters:do_title", ("str",)),
)
"""Those that nobody looked at meanwhile."""
