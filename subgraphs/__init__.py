"""The domain: one package, one ASGI app and one database per bounded context, and the kernel they share."""
