const manners = (
  "able amber ample apt autumn azure balmy blithe bold brave breezy bright brisk broad calm candid cheery civil clear " +
  "clever coastal cordial cosy crisp curious deft devoted dewy eager early earnest easy fair fast fearless fleet fond " +
  "frank fresh gallant gentle gilded glad golden graceful grand hardy hearty helpful honest humble jolly keen kind lively " +
  "loyal lucid lucky lunar mellow merry mighty mild misty modest neat nimble noble patient placid plucky polite prompt " +
  "proud quick quiet rapid ready robust rosy sage serene sharp silver snug solar solid spry stable steady sturdy sunny " +
  "swift tidy trusty upbeat valiant vivid warm wise witty zesty"
).split(" ");

const things = (
  "anchor ballast barge beacon berth bollard bosun bow breeze bridge buoy cabin canal capstan captain caravel cargo clipper " +
  "coaster coble compass cove crane crew current cutter deck derrick dinghy dock dolphin estuary ferry fjord fleet foresail " +
  "frigate galley gangway gull halyard harbor hatch haven hawser helm heron hold hull island jetty jib kayak keel ketch " +
  "knot lagoon lantern ledger lighthouse lock lugger mainsail mariner mast mole mooring oar outrigger packet pelican pier " +
  "pilot pinnace port porter quay rigging rudder sail schooner seal sextant shanty shore skiff skipper sloop spar stern " +
  "tern tide tiller towline trawler tugboat voyage wake warden warehouse watch wave wharf wherry winch windlass yacht yawl"
).split(" ");

/** A name for a container that got none: `brisk_lantern`. @param random from 0 to 1, without 1. */
export function makeName(random: () => number = Math.random): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] ?? "";
  return `${pick(manners)}_${pick(things)}`;
}
