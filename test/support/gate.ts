/** Holds somebody at a point until the test lets them go on; no clock involved. */
export function createGate() {
  let arrive = () => {};
  let open = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    /** Resolves when somebody has come to the gate. */
    arrived,
    /** Comes to the gate and waits there. */
    async pass(): Promise<void> {
      arrive();
      await opened;
    },
    open: () => open(),
  };
}
