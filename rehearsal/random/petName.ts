import { randomInt } from "node:crypto";

const ADVERBS =
    "barely boldly briefly calmly clearly closely daily deeply early easily evenly fairly firmly freely gently gladly happily humbly keenly kindly lately lightly likely loosely mildly mostly neatly newly oddly openly partly plainly promptly quickly quietly rarely readily safely seldom sharply silently simply slowly smoothly softly steadily surely sweetly swiftly truly usually warmly wholly widely wisely".split(
        " ",
    );
const ADJECTIVES =
    "able alert ample apt awake brave brief bright brisk calm clean clear clever cool cosy curious deep eager early easy fair fast fine firm fond free fresh full gentle glad golden good grand great handy happy hardy humble keen kind large light lively loyal lucky merry mild modest neat new nimble noble patient plain polite proud pure quick quiet rapid ready rich round safe sharp shy smart smooth snug sober soft solid spry steady still strong sunny sure swift tender tidy true trusty warm wise witty young".split(
        " ",
    );
const ANIMALS =
    "adder ant badger bat bear beaver bee bison bream buck camel carp cat cod colt coot crab crane crow deer dingo dodo doe dog dove duck eagle eel elk emu ewe falcon ferret finch fish fly foal fox frog gecko goat goose gull haddock hare hawk hen heron hippo horse hound ibis jay kid kite kiwi koala lamb lark lemur lion lizard llama lynx mole moose moth mouse mule newt otter owl ox panda perch pig pony puffin pug puma quail rabbit ram rat raven robin rook seal shark sheep shrew skunk sloth snail snake sole stag stork swan tapir tern tiger toad trout tuna turtle vole wasp whale wolf wombat wren yak zebra".split(
        " ",
    );

/** `length` words: an animal, before it an adjective, before that adverbs. */
export function petName(length: number, separator: string): string {
    const words = [pick(ANIMALS)];
    if (length > 1) words.unshift(pick(ADJECTIVES));
    while (words.length < length) words.unshift(pick(ADVERBS));
    return words.join(separator);
}

function pick(words: readonly string[]): string {
    return words[randomInt(words.length)];
}
