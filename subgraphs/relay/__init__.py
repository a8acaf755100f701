"""relay: the stateless eighth subgraph. `node(id)` and `nodes(ids)` decode a global id into a typed reference.

Entities owned: none. Stores used: none. Events published: none. It knows type names only; whether the entity exists,
and whether the viewer may see it, is answered by the subgraph that owns its fields.
"""
