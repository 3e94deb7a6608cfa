/** What is wrong with a tar, as the end of a sentence. */
export class TarFault extends Error {}
