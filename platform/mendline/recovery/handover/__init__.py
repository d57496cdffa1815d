"""Hand-over: what somebody who leaves owns passes to others, and what nobody owns shows since when."""
