export { sizeText } from "#kit/size-text.ts";
