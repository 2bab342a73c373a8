// Signatures 签名 are drawn with a finger; photos of a telephone are made small enough before they are sent.
(() => {
  const WIDE = 480, HIGH = 160, LARGEST = 1600, MOST = 900000;

  const board = (place) => {
    const canvas = document.createElement('canvas');
    canvas.width = WIDE;
    canvas.height = HIGH;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', place.dataset.word);
    const kept = document.createElement('input');
    kept.type = 'hidden';
    kept.name = place.dataset.sign;
    const again = document.createElement('button');
    again.type = 'button';
    again.className = 'as-link s';
    again.textContent = place.dataset.clear;
    const hint = document.createElement('span');
    hint.className = 'qq s';
    hint.textContent = place.dataset.word;
    place.append(canvas, hint, again, kept);

    const pen = canvas.getContext('2d');
    pen.lineWidth = 3;
    pen.lineCap = 'round';
    pen.strokeStyle = '#000';
    let drawing = false;
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * WIDE / box.width, (event.clientY - box.top) * HIGH / box.height];
    };
    canvas.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      drawing = true;
      pen.beginPath();
      pen.moveTo(...at(event));
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!drawing) return;
      pen.lineTo(...at(event));
      pen.stroke();
    });
    // What was drawn before the form was refused is there still.
    if (/^data:image\/png;base64,[A-Za-z0-9+/=]+$/.test(place.dataset.drawn ?? '')) {
      kept.value = place.dataset.drawn;
      const before = new Image();
      before.addEventListener('load', () => pen.drawImage(before, 0, 0, WIDE, HIGH));
      before.src = place.dataset.drawn;
    }
    const lift = () => {
      if (!drawing) return;
      drawing = false;
      kept.value = canvas.toDataURL('image/png');
    };
    canvas.addEventListener('pointerup', lift);
    canvas.addEventListener('pointercancel', lift);
    again.addEventListener('click', () => {
      pen.clearRect(0, 0, WIDE, HIGH);
      kept.value = '';
    });
  };

  const smaller = async (input) => {
    const [file] = input.files;
    if (!file || !file.type.startsWith('image/') || file.size <= MOST) return;
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', 0.8); });
    const held = new DataTransfer();
    held.items.add(new File([made], 'photo.jpg', { type: 'image/jpeg' }));
    input.files = held.files;
  };

  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-photo]')) smaller(event.target);
  });
  const begin = () => { for (const place of document.querySelectorAll('[data-sign]')) board(place); };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
  else begin();
})();
