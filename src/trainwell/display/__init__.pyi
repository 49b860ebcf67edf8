from .canvas import GRID as GRID, INK as INK, frame as frame
from .panels import Panels as Panels, axis_references as axis_references
from .table import Head as Head, Listing as Listing, ListingRow as ListingRow
