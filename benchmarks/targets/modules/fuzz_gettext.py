"""The standard library's `gettext`: catalogues in binary, with offsets into the file."""

import gettext
import io


def fuzz_gettext(data: bytes) -> None:
    try:
        gettext.GNUTranslations(io.BytesIO(data))
    except Exception:
        return
