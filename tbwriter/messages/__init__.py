"""Protobuf messages of event files: generated from ``proto/`` (``*_pb2``), and the hand-written encoder of scalars."""
