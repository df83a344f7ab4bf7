// One owner per mount of a component, for as long as the mount is on the page.

/**
 * Give new data to the owner of a mount, made by `make` on first use; returns the mount's cleanup.
 *
 * An owner that no longer `fits` the data (another view was asked for) makes room for a new one.
 *
 * Streamlit also calls the cleanup of a call that newer data overtook. The component is still on
 * the page then and must stay: only a mount that has left the page is taken down.
 */
export function mount(owners, component, make, fits = () => true) {
  const { parentElement } = component;
  const known = owners.get(parentElement);
  if (known && !fits(known)) known.destroy();
  if (!known || !fits(known)) owners.set(parentElement, make());
  owners.get(parentElement).update(component);
  return () => setTimeout(() => {
    if (parentElement.isConnected || !owners.has(parentElement)) return;
    owners.get(parentElement).destroy();
    owners.delete(parentElement);
  });
}
