/** Two soft notes, the second higher: in hertz, and when each begins, in seconds. */
const NOTES = [
  { pitch: 659.25, at: 0 },
  { pitch: 880, at: 0.11 },
];
const LENGTH_S = 0.28;
const ATTACK_S = 0.012;
const LOUDNESS = 0.07;
/** An exponential fade never reaches nothing. */
const SILENCE = 0.0001;

let context: AudioContext | null = null;

/** A short, soft sound. Without a gesture on the page browsers allow none: then it is silent, and none comes later. */
export function chime(): void {
  if (!("AudioContext" in window) || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  const audio = context;
  if (audio.state === "running") play(audio);
  // Refused or interrupted: a sound is never worth an error.
  else
    audio.resume().then(
      () => play(audio),
      () => {},
    );
}

function play(audio: AudioContext): void {
  for (const { pitch, at } of NOTES) {
    const begin = audio.currentTime + at;
    const note = audio.createOscillator();
    const volume = audio.createGain();
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(SILENCE, begin);
    volume.gain.exponentialRampToValueAtTime(LOUDNESS, begin + ATTACK_S);
    volume.gain.exponentialRampToValueAtTime(SILENCE, begin + LENGTH_S);
    note.connect(volume).connect(audio.destination);
    note.start(begin);
    note.stop(begin + LENGTH_S);
  }
}
