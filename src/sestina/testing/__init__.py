"""Conformance suites and strategies for those who implement a protocol of sestina."""
