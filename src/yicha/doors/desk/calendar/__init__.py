"""The calendar of visits: by day, by officer, by enterprise, a day on the map, and how calendars are made and kept."""
