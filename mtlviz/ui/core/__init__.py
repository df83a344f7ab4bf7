"""What every page is made of: settings, links, controls, panels, memory, background work."""
