const TONES = {
  known: { notes: [[880, 0.09]], shake: [40] },
  repeated: { notes: [[660, 0.07], [660, 0.07]], shake: [30, 40, 30] },
  unexpected: { notes: [[523, 0.16], [392, 0.16]], shake: [120, 60, 120] },
  unknown: { notes: [[196, 0.35]], shake: [300] },
};

let sound = null;

/**
 * Say by tone and vibration what a scan was: known, repeated, unexpected or unknown.
 * Browsers allow sound only after a gesture; a phone without sound or vibration still shows the word and the shape.
 */
export function sing(kind) {
  const tone = TONES[kind];
  if (!tone) return;
  navigator.vibrate?.(tone.shake);
  if (!sound || sound.state !== "running") return;
  let at = sound.currentTime;
  for (const [pitch, seconds] of tone.notes) {
    const voice = sound.createOscillator();
    const level = sound.createGain();
    voice.frequency.value = pitch;
    level.gain.setValueAtTime(0.25, at);
    level.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    voice.connect(level).connect(sound.destination);
    voice.start(at);
    voice.stop(at + seconds);
    at += seconds + 0.04;
  }
}

/** Ask for sound within a gesture: a tap, a key. */
export function wake() {
  sound ??= window.AudioContext ? new AudioContext() : null;
  sound?.resume();
}
