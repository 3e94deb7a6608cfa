/** The database's clock as a number, ms since the epoch: servers whose own clocks differ agree on it. */
export const databaseNow = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
