"""The page of a service's HTTP interface at ``/docs``, whole without a content delivery network."""

from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline


def documented(title: str, description: str, **options: Any) -> FastAPI:  # noqa: ANN401
    """A FastAPI app whose ``/docs`` loads its script and style from the service itself.

    ``options`` are FastAPI's own.
    """
    return FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title=title,
        description=description,
        static_url="/docs-static",
        swagger_ui_parameters={"defaultModelsExpandDepth": 0, "displayRequestDuration": True},
        **options,
    )
