"""Area of the desk: classes of enterprises, how they are spread, and how they move."""
