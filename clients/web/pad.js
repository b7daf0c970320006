// A pad to write a name on with a finger, a pen or a mouse. Strokes are kept as fractions of the pad, so that they
// outlive a turn of the phone, and are given to the service in a frame twice as wide as high, the shape it expects.
const kAspect = 4 / 3, kFrame = 2;

export class Pad {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.strokes = [];
    this.current = null;
    this.started = 0;
    if (window.PointerEvent) {
      canvas.addEventListener('pointerdown', (event) => {
        if (this.current || (event.pointerType === 'mouse' && event.button !== 0)) return;
        try { canvas.setPointerCapture(event.pointerId); } catch (error) { /* of a pointer that is gone */ }
        this.pointer = event.pointerId;
        this.begin(event, event);
      });
      canvas.addEventListener('pointermove', (event) => { if (event.pointerId === this.pointer) this.go(event, event); });
      for (const name of ['pointerup', 'pointercancel']) {
        canvas.addEventListener(name, (event) => { if (event.pointerId === this.pointer) this.end(); });
      }
    } else {
      canvas.addEventListener('touchstart', (event) => this.begin(event, event.touches[0]), { passive: false });
      canvas.addEventListener('touchmove', (event) => this.go(event, event.touches[0]), { passive: false });
      canvas.addEventListener('touchend', () => this.end());
      canvas.addEventListener('touchcancel', () => this.end());
    }
    // iOS scrolls from touch events even where pointers are captured.
    canvas.addEventListener('touchmove', (event) => event.preventDefault(), { passive: false });
    window.addEventListener('resize', () => this.fit());
  }

  // To the room there is. Called when the pad is shown.
  fit() {
    const room = this.canvas.parentNode.clientWidth;
    if (!room) return;
    const width = Math.floor(Math.max(240, Math.min(room, (window.innerHeight - 170) * kAspect)));
    const ratio = window.devicePixelRatio || 1;
    this.canvas.style.width = width + 'px';
    this.canvas.style.height = Math.round(width / kAspect) + 'px';
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(width / kAspect * ratio);
    this.draw();
  }

  point(at) {
    const box = this.canvas.getBoundingClientRect();
    const clamp = (value) => Math.min(1, Math.max(0, value));
    const point = { x: clamp((at.clientX - box.left) / box.width), y: clamp((at.clientY - box.top) / box.height),
      time: Math.max(0, Date.now() - this.started) };
    if (at.pointerType === 'pen' && at.pressure > 0) point.pressure = Math.min(1, at.pressure);
    return point;
  }
  begin(event, at) {
    event.preventDefault();
    if (this.strokes.length === 0) this.started = Date.now();
    this.current = [this.point(at)];
    this.strokes.push(this.current);
    this.changed();
  }
  go(event, at) {
    if (!this.current) return;
    event.preventDefault();
    const point = this.point(at), last = this.current[this.current.length - 1];
    // What a hand cannot tell apart need not be sent.
    if (Math.abs(point.x - last.x) < 0.004 && Math.abs(point.y - last.y) < 0.005) return;
    if (point.time < last.time) point.time = last.time;
    this.current.push(point);
    this.draw();
  }
  end() {
    this.current = null;
    this.pointer = null;
    this.draw();
    this.changed();
  }

  undo() { this.strokes.pop(); this.end(); }
  clear() { this.strokes = []; this.end(); }
  points() { return this.strokes.reduce((sum, stroke) => sum + stroke.length, 0); }
  isWritten() { return this.points() >= 8 && this.strokes.some((stroke) => stroke.length > 2); }
  draw() { drawStrokes(this.canvas, this.strokes); }

  // As POST /ceremony/strokes takes them.
  framed() {
    return this.strokes.map((stroke) => stroke.map((point) => {
      const out = { x: Number((point.x * kAspect / kFrame).toFixed(5)), y: Number(point.y.toFixed(5)), time: point.time };
      if (point.pressure) out.pressure = point.pressure;
      return out;
    }));
  }
}

export function drawStrokes(canvas, strokes) {
  const pen = canvas.getContext('2d');
  const width = canvas.width, height = canvas.height;
  pen.clearRect(0, 0, width, height);
  pen.lineWidth = Math.max(2, width / 95);
  pen.lineCap = pen.lineJoin = 'round';
  pen.strokeStyle = pen.fillStyle = '#14181c';
  for (const stroke of strokes) {
    const at = (index) => [stroke[index].x * width, stroke[index].y * height];
    pen.beginPath();
    pen.moveTo(...at(0));
    if (stroke.length < 3) pen.lineTo(at(stroke.length - 1)[0] + 0.1, at(stroke.length - 1)[1]);
    for (let i = 1; i < stroke.length - 1; ++i) {
      const here = at(i), next = at(i + 1);
      pen.quadraticCurveTo(here[0], here[1], (here[0] + next[0]) / 2, (here[1] + next[1]) / 2);
    }
    if (stroke.length > 2) pen.lineTo(...at(stroke.length - 1));
    pen.stroke();
  }
}
