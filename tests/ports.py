"""Ports for the stacks of the tests."""

import secrets

from deploy.local.ports import is_free

BELOW_THE_KERNELS = range(20_000, 32_000, 2)
"""The kernel gives none of these to whoever connects."""


def kafka_port() -> int:
    """A port for Kafka; the next one, which its controller takes, is free as well."""
    while True:
        port = secrets.choice(BELOW_THE_KERNELS)
        if is_free(port) and is_free(port + 1):
            return port
