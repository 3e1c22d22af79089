const platformNames: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Facebook', /\bfacebook\b/i],
  ['Instagram', /\binstagram\b/i],
  ['Threads', /\bThreads\b/],
  ['X', /\btwitter\b|\bX\b/i],
  ['YouTube', /\byoutube\b/i],
  ['TikTok', /\btiktok\b/i],
  ['Telegram', /\btelegram\b|\bt\.me\b/i],
  ['WhatsApp', /\bwhatsapp\b/i],
  ['VK', /\bvk\b|\bvkontakte\b/i],
  ['Reddit', /\breddit\b/i],
  ['LinkedIn', /\blinkedin\b/i],
  ['Discord', /\bdiscord\b/i],
]

/** Underscores separate words too. */
export const platformsIn = (words: string): readonly string[] => {
  const text = words.replaceAll('_', ' ')
  return platformNames.filter(([, pattern]) => pattern.test(text)).map(([name]) => name)
}
