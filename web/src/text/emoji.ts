/** Emoji that can be picked and completed: what people use, with the words they look for, in English and Italian. */

export interface Emoji {
  readonly sign: string;
  readonly words: string;
}

const TABLE = `
😀 grinning sorriso|😄 smile sorriso|😁 grin|😅 sweat sudore|😂 joy laugh ridere|🤣 rofl ridere|🙂 slight smile|😉 wink occhiolino|😊 blush|😇 angel angelo
😍 heart eyes innamorato|🥰 love amore|😘 kiss bacio|😋 yum gnam|😜 tongue linguaccia|🤪 crazy matto|🤗 hug abbraccio|🤔 thinking pensare|🤨 raised eyebrow dubbio|😐 neutral
😏 smirk|🙄 eye roll|😬 grimace|😌 relieved sollievo|😴 sleep dormire|😷 mask mascherina|🤒 ill malato|🥳 party festa|😎 cool sunglasses occhiali|🤓 nerd
😕 confused confuso|😟 worried|🙁 frown triste|😮 surprised sorpreso|😳 flushed|🥺 pleading per favore|😢 cry piangere|😭 sob piangere|😱 scream urlo|😤 huff
😡 angry arrabbiato|🤬 swearing|😈 devil diavolo|💀 skull teschio|💩 poop cacca|👻 ghost fantasma|🤖 robot|👋 wave ciao hello|✋ hand mano|👌 ok
🤌 pinched che vuoi|✌️ victory|🤞 fingers crossed|🤘 rock|👈 left|👉 right|👆 up|👇 down|👍 thumbs up +1 bene|👎 thumbs down -1 male
👏 clap applauso|🙌 hooray evviva|🙏 please thanks grazie prego|🤝 handshake accordo|💪 strong forza|👀 eyes occhi|🧠 brain cervello|❤️ heart cuore red|🧡 orange heart|💛 yellow heart
💚 green heart|💙 blue heart|💜 purple heart|🖤 black heart|💔 broken heart|💯 hundred cento|💥 boom|✨ sparkles|🔥 fire fuoco|🎉 tada party festa
🎊 confetti coriandoli|🎁 gift regalo|🎂 cake torta birthday compleanno|🏆 trophy coppa|⭐ star stella|🌟 glowing star|☀️ sun sole|🌙 moon luna|☁️ cloud nuvola|🌧️ rain pioggia
❄️ snow neve|🌈 rainbow arcobaleno|🌊 wave mare sea|🌍 earth terra|🌱 sprout|🌷 tulip fiore flower|🌹 rose rosa|🌻 sunflower girasole|🍀 luck fortuna|🌲 tree albero
🍎 apple mela|🍋 lemon limone|🍓 strawberry fragola|🍕 pizza|🍝 pasta spaghetti|🥐 croissant cornetto|🧀 cheese formaggio|🍦 ice cream gelato|🍪 biscuit biscotto cookie|🍫 chocolate cioccolato
☕ coffee caffè|🍵 tea tè|🍷 wine vino|🍺 beer birra|🥂 cheers cin cin|🐶 dog cane|🐱 cat gatto|🦊 fox volpe|🐻 bear orso|🐼 panda
🐧 penguin linux pinguino|🦀 crab rust granchio|🐍 snake python serpente|🐢 turtle tartaruga|🦋 butterfly farfalla|🐝 bee ape|🐛 bug baco|🦉 owl gufo|🐙 octopus polpo|🦄 unicorn
⚽ football calcio|🎾 tennis|🚲 bike bici|🚗 car auto|🚆 train treno|✈️ plane aereo|🚀 rocket razzo ship|⛵ boat barca|🏠 house casa|🏖️ beach spiaggia
💻 laptop computer|📱 phone telefono|🖥️ screen|⌨️ keyboard tastiera|🖨️ printer stampante|📷 camera foto|🎧 headphones cuffie|🎵 music musica|🎬 film|📚 books libri
📝 memo note|📌 pin|📎 clip|✂️ scissors forbici|🔑 key chiave|🔒 lock lucchetto|🔔 bell campana|🔍 search cerca|💡 idea lamp|⏰ alarm sveglia
⏳ hourglass attesa|📅 calendar|✅ check done fatto|❌ cross no|❓ question domanda|❗ exclamation|⚠️ warning attenzione|🚧 construction lavori|➕ plus|♻️ recycle
🆗 ok|🆕 new nuovo|🔝 top|💤 zzz|💬 speech|🇮🇹 italy italia|🇪🇺 europe europa|🏳️‍🌈 pride|🏁 finish|🎯 target bersaglio`;

export const EMOJI: readonly Emoji[] = TABLE.trim()
  .split(/[|\n]/)
  .map((entry) => {
    const space = entry.indexOf(" ");
    return { sign: entry.slice(0, space), words: entry.slice(space + 1) };
  });

/** Those offered first for a reaction. */
export const QUICK: readonly string[] = ["👍", "❤️", "😂", "🎉", "😮", "👀"];

/** Finds emoji by the beginnings of their words. */
export function find(query: string, most: number): Emoji[] {
  const wanted = query.toLowerCase();
  const begins = (emoji: Emoji): boolean => emoji.words.split(" ").some((word) => word.startsWith(wanted));
  return EMOJI.filter(begins).slice(0, most);
}
