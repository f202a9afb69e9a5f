"""``python -m services.intake``: serve until SIGTERM."""

from services.intake.app import build_app
from services.intake.domain.commands import SERVICE
from services.intake.settings import Settings
from shared.platform.logging import configure
from shared.platform.serve import serve


def main() -> None:
    """Serve intake."""
    settings = Settings()
    configure(SERVICE, settings.log_format)
    serve(build_app(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
