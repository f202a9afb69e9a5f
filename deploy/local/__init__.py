"""The stack on one machine, without containers: real Kafka, real MongoDB, the four services."""
