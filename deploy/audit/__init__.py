"""The audit: does the log account for everything, and is what the services own the fold of it?

Pure checks, each in a module of its own, over one document's records and documents at a time;
`deploy.audit.run` reads Kafka and MongoDB for them.
"""
