#!/bin/sh
# Keys for images that nobody but their builder installs: made once per checkout, never used for a release.
#   dev-keys.sh FOLDER [NAME]      ca.pem, ca.key; NAME.pem, NAME.key (default: dev) signed by that authority
set -eu

folder=$1
name=${2:-dev}
# Devices are not to be stranded by a certificate that ran out; a lost key is answered with a new authority.
days=7300

umask 077
mkdir -p "$folder"
cd "$folder"

if [ ! -e ca.pem ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days "$days" -keyout ca.key -out ca.pem.new \
        -subj "/O=Hearthgate development/CN=Hearthgate development authority" \
        -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
    mv ca.pem.new ca.pem
fi

if [ ! -e "$name.pem" ]; then
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -keyout "$name.key" -out "$name.csr" \
        -subj "/O=Hearthgate development/CN=$name" 2>/dev/null
    # RAUC before 1.11 checks for e-mail, later ones for code as system.conf asks.
    printf '%s\n' "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" \
        "extendedKeyUsage=critical,codeSigning,emailProtection" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -sha256 -days "$days" \
        -extfile "$name.ext" -out "$name.pem.new" 2>/dev/null
    mv "$name.pem.new" "$name.pem"
    rm "$name.csr" "$name.ext"
fi
