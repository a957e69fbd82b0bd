"""The URLs of a host with a graphene schema of its own, in graphene-django's own view, that knows nothing of the audit log's."""

from __future__ import annotations

from typing import Any

import graphene
from django.urls import path
from graphene_django.views import GraphQLView
from graphql import GraphQLError

from tests.testapp import models


class Author(graphene.ObjectType):
    id = graphene.ID(required=True)
    name = graphene.String(required=True)


class Query(graphene.ObjectType):
    author = graphene.Field(Author, id=graphene.ID(required=True))

    def resolve_author(self, info: Any, id: str) -> models.Author:
        found = models.Author.objects.filter(pk=id).first()
        if found is None:
            raise GraphQLError("There is no such author.", extensions={"code": "NO_SUCH_AUTHOR"})
        return found


class CreateAuthor(graphene.Mutation):
    class Arguments:
        name = graphene.String(required=True)

    Output = Author

    def mutate(self, info: Any, name: str) -> models.Author:
        return models.Author.objects.create(name=name)


class Mutation(graphene.ObjectType):
    create_author = CreateAuthor.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)
urlpatterns = [path("shop/", GraphQLView.as_view(schema=schema))]
