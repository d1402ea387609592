//! A simulator of a UCWA server.
