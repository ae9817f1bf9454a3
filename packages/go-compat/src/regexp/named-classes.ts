import { foldCase } from "./case-folding.ts";
import { complementOf, MAX_RUNE, type RuneRanges } from "./rune-ranges.ts";

/** `\d`, `\s`, `\w` and their negations, by letter. */
export const PERL_CLASSES: Readonly<Record<string, RuneRanges>> = {
  d: [0x30, 0x39],
  s: [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20],
  w: [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a],
};

/** What stands between `[:` and `:]`. */
export const POSIX_CLASSES: Readonly<Record<string, RuneRanges>> = {
  alnum: [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a],
  alpha: [0x41, 0x5a, 0x61, 0x7a],
  ascii: [0, 0x7f],
  blank: [0x09, 0x09, 0x20, 0x20],
  cntrl: [0, 0x1f, 0x7f, 0x7f],
  digit: [0x30, 0x39],
  graph: [0x21, 0x7e],
  lower: [0x61, 0x7a],
  print: [0x20, 0x7e],
  punct: [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e],
  space: [0x09, 0x0d, 0x20, 0x20],
  upper: [0x41, 0x5a],
  word: [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a],
  xdigit: [0x30, 0x39, 0x41, 0x46, 0x61, 0x66],
};

const CATEGORIES = "C Cc Cf Cn Co Cs L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split(" ");

const CATEGORY_ALIASES =
  "Cased_Letter:LC Close_Punctuation:Pe Combining_Mark:M Connector_Punctuation:Pc Control:Cc Currency_Symbol:Sc Dash_Punctuation:Pd Decimal_Number:Nd Enclosing_Mark:Me Final_Punctuation:Pf Format:Cf Initial_Punctuation:Pi Letter:L Letter_Number:Nl Line_Separator:Zl Lowercase_Letter:Ll Mark:M Math_Symbol:Sm Modifier_Letter:Lm Modifier_Symbol:Sk Nonspacing_Mark:Mn Number:N Open_Punctuation:Ps Other:C Other_Letter:Lo Other_Number:No Other_Punctuation:Po Other_Symbol:So Paragraph_Separator:Zp Private_Use:Co Punctuation:P Separator:Z Space_Separator:Zs Spacing_Mark:Mc Surrogate:Cs Symbol:S Titlecase_Letter:Lt Unassigned:Cn Uppercase_Letter:Lu cntrl:Cc digit:Nd punct:P";

const SCRIPTS =
  "Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square";

// Sets are kept by spelling: a pattern may name the same one a thousand times.
const known = new Map<string, RuneRanges>();
let propertyNames: ReadonlyMap<string, string> | undefined;

/** The set that `\p{name}` stands for, or undefined when Go knows no such name. */
export function unicodeClass(name: string, ignoreCase: boolean, isNegated: boolean): RuneRanges | undefined {
  propertyNames ??= readPropertyNames();
  const property = propertyNames.get(canonicalName(name)) ?? propertyNames.get(name);
  if (property === undefined) return undefined;
  const key = `${property} ${ignoreCase} ${isNegated}`;
  let runes = known.get(key);
  if (runes === undefined) {
    runes = scanProperty(property);
    if (ignoreCase) runes = foldCase(runes);
    if (isNegated) runes = complementOf(runes);
    known.set(key, runes);
  }
  return runes;
}

function readPropertyNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const category of CATEGORIES) names.set(canonicalName(category), `gc=${category}`);
  for (const script of SCRIPTS.split(" ")) names.set(script, `sc=${script}`);
  for (const alias of CATEGORY_ALIASES.split(" ")) {
    const [name, category] = alias.split(":") as [string, string];
    if (!names.has(canonicalName(name))) names.set(canonicalName(name), `gc=${category}`);
  }
  for (const name of ["Any", "ASCII", "Assigned"]) names.set(canonicalName(name), name);
  return names;
}

/** Go compares names without case, spaces, hyphens and underscores. */
function canonicalName(name: string): string {
  const letters = name.replace(/[-_ ]/g, "");
  return letters.slice(0, 1).toUpperCase() + letters.slice(1).toLowerCase();
}

function scanProperty(property: string): RuneRanges {
  const member = new RegExp(`^\\p{${property}}$`, "u");
  const ranges: number[] = [];
  let start = -1;
  for (let rune = 0; rune <= MAX_RUNE + 1; rune++) {
    const isMember = rune <= MAX_RUNE && member.test(String.fromCodePoint(rune));
    if (isMember && start < 0) start = rune;
    if (isMember || start < 0) continue;
    ranges.push(start, rune - 1);
    start = -1;
  }
  return ranges;
}
