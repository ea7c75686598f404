"""What a Python SDK says when its secret key is wrong; the SDK's module is the first argument's `module`."""

import importlib

import scenario


def main() -> None:
    sent = scenario.load()
    client = getattr(importlib.import_module(sent["module"]), sent["client"])(secret_key="sk-lf-wrong")
    try:
        scenario.report(accepted=client.auth_check(), error="")
    except Exception as error:  # noqa: BLE001 - every SDK generation has its own error type
        scenario.report(accepted=False, error=str(error))


main()
