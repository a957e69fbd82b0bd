"""GraphQL for the audit log: one API, rendered for Strawberry and for graphene.

The API is written once, in plain Python: `types` and `inputs` say what there is, `queries` and `mutations` what can be asked.
`graphql_schema.strawberry` and `graphql_schema.graphene` make it part of a schema; neither needs the other.
"""
