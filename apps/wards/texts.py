from apps.wards.models import Ward, WardText


def missed_dose_text(ward: Ward | None, language: str) -> str:
    """The clinic's own text on missed doses in this language, else in English; empty where nobody wrote one."""
    if ward is None:
        return ""
    texts = {
        text.language: text.text for text in WardText.objects.filter(ward=ward, kind=WardText.Kind.MISSED_DOSE)
    }
    return texts.get(language.split("-")[0]) or texts.get("en", "")
