/** Whether it is this server's turn to do what only one of all servers may do at a time. May change at any moment. */
export interface Turn {
  mine(): boolean;
}
