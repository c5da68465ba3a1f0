import { untilAborted } from "./time.js";

interface Flight<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  waiters: number;
}

/** Work that whoever wants the same joins. */
export interface Flights<T> {
  /** Waits for the work of that key, started where nobody is at it. One waiter's signal ends its own wait alone. */
  join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Flights, none so far. Work that nobody waits for any more is aborted and forgotten. */
export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>();
  const begin = (key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const controller = new AbortController();
    const flight = { controller, result: start(controller.signal), waiters: 0 };
    flights.set(key, flight);
    return flight;
  };
  return {
    async join(key, signal, start) {
      const flight = flights.get(key) ?? begin(key, start);
      flight.waiters++;
      try {
        return await untilAborted(flight.result, signal);
      } finally {
        if (--flight.waiters === 0) {
          flights.delete(key);
          flight.controller.abort();
        }
      }
    },
  };
}
