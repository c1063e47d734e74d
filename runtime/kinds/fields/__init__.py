"""The field types: the tuple is the list."""

from typing import Final

from runtime.infra.registry import Registry
from runtime.kinds.field_type import FieldType
from runtime.kinds.fields.address import Address
from runtime.kinds.fields.attachment import Attachment
from runtime.kinds.fields.barcode import Barcode
from runtime.kinds.fields.boolean import Boolean
from runtime.kinds.fields.button import Button
from runtime.kinds.fields.cascade import Cascade
from runtime.kinds.fields.choice import Choice
from runtime.kinds.fields.date import DateField
from runtime.kinds.fields.datetime import DateTimeField
from runtime.kinds.fields.department import Department
from runtime.kinds.fields.departments import Departments
from runtime.kinds.fields.divider import Divider
from runtime.kinds.fields.document_number import DocumentNumber
from runtime.kinds.fields.duration import Duration
from runtime.kinds.fields.email import Email
from runtime.kinds.fields.formula import Formula
from runtime.kinds.fields.id_card import IdCard
from runtime.kinds.fields.image import Image
from runtime.kinds.fields.lines import Lines
from runtime.kinds.fields.location import Location
from runtime.kinds.fields.long_text import LongText
from runtime.kinds.fields.lookup import Lookup
from runtime.kinds.fields.money import Money
from runtime.kinds.fields.multi_choice import MultiChoice
from runtime.kinds.fields.note import Note
from runtime.kinds.fields.number import Number
from runtime.kinds.fields.percent import Percent
from runtime.kinds.fields.phone import Phone
from runtime.kinds.fields.quantity import Quantity
from runtime.kinds.fields.query import Query
from runtime.kinds.fields.rating import Rating
from runtime.kinds.fields.reference import Reference
from runtime.kinds.fields.region import Region
from runtime.kinds.fields.rich_text import RichText
from runtime.kinds.fields.rmb import Rmb
from runtime.kinds.fields.rollup import Rollup
from runtime.kinds.fields.signature import Signature
from runtime.kinds.fields.text import TextField
from runtime.kinds.fields.time import TimeField
from runtime.kinds.fields.url import Url
from runtime.kinds.fields.user import User
from runtime.kinds.fields.users import Users

FIELD_TYPES: Final[Registry[FieldType]] = Registry(
    "field type",
    (
        TextField(),
        LongText(),
        RichText(),
        Email(),
        Phone(),
        Url(),
        IdCard(),
        Number(),
        Money(),
        Quantity(),
        Percent(),
        Rating(),
        Rmb(),
        DateField(),
        DateTimeField(),
        TimeField(),
        Duration(),
        Boolean(),
        Choice(),
        MultiChoice(),
        Reference(),
        Lookup(),
        Lines(),
        Formula(),
        Rollup(),
        DocumentNumber(),
        User(),
        Users(),
        Department(),
        Departments(),
        Attachment(),
        Image(),
        Signature(),
        Barcode(),
        Cascade(),
        Region(),
        Address(),
        Location(),
        Button(),
        Query(),
        Note(),
        Divider(),
    ),
)
